"""Why a build failed, told from its log, and what mends it."""
