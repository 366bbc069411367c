"""The watch: probes addresses on a schedule, keeps every sample, and says how they stand."""
