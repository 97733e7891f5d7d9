"""When, where and with whom: resources, hours, availability, appointments, the front desk."""
