"""Runs one request from the idea to the stored decision; the only room that reserves, places and resumes."""
