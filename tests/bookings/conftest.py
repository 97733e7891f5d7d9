from hypothesis import HealthCheck, settings

settings.register_profile("deep", max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
