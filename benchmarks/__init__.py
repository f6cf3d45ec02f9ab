"""Speed, memory and recall, as ratios against baselines measured in the same run."""
