"""What machines ask about the center: figures by name, those counted here, those the database knows."""
