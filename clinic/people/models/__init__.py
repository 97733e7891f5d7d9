from clinic.people.models.link import Link, SignInCode
from clinic.people.models.patient import Patient
from clinic.people.models.staff_phone import StaffPhone
from clinic.people.models.user import User

__all__ = ["Link", "Patient", "SignInCode", "StaffPhone", "User"]
