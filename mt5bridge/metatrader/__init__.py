"""The MetaTrader5 package as it is: protocol, constants, record types, return codes; decides nothing."""
