"""Order requests, sending them and recognising them again; the only room that calls `order_send`."""
