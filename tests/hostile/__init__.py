"""Files made to break their reader, and the proof that they break nothing else."""
