"""Effects: fetching, the store, the sandbox, builds, checks, repositories and trees."""
