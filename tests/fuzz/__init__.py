"""Inputs by the thousand that nobody wrote: requests to the web application, and bytes for every reader."""
