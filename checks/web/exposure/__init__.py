"""What the site gives away: configuration, repository, source code, secrets, folders and error pages."""
