"""Field encryption: values are sealed in the application, bound to their table, column and row."""

from clinic.crypto.fields import EncryptedDateField, EncryptedJSONField, EncryptedTextField

__all__ = ["EncryptedDateField", "EncryptedJSONField", "EncryptedTextField"]
