"""Ready-made paper accounts and the trading day of `elite-sizer demo`."""
