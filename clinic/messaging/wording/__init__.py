"""What messages say and when: shipped texts, the clinic's own, their checks, WhatsApp's templates, the owner's pages."""
