"""The categories and communities that everything is filed under; operators edit them."""
