from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

app = FastAPI()


@app.get("/api/time")
def time() -> dict[str, str]:
    return {"now": datetime.now(UTC).isoformat()}


app.mount("/", StaticFiles(directory="public", html=True))
