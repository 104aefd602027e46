"""Decision to text: table, log record, glyphs; pure, computes no figure that is not already in the decision."""
