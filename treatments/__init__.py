"""What the clinic offers: modalities, areas, prices, courses, care instructions."""
