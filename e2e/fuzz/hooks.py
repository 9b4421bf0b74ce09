"""What Schemathesis cannot know of the API: how bodies that are archives are sent."""

import schemathesis

schemathesis.serializer.alias("application/gzip", "application/octet-stream")
