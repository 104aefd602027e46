"""The types a cap, factor or sizer sees and returns; a changed field changes every plug-in and the journal."""
