"""What every page is made of: icons, fields, page titles."""
