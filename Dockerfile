# The production image: web, worker, beat and migrate are this one image with different commands.
FROM node:24-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY static static
RUN npm run build

FROM python:3.11-slim-bookworm
# Pango and fonts draw the PDF reports, poppler the previews of PDF that people send.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core fonts-liberation fonts-nafees libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 poppler-utils postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /app --shell /usr/sbin/nologin ehs
ENV EHS_ENV=production PYTHONUNBUFFERED=1 EHS_VAR=/app/var FILES_ROOT=/files BIND=0.0.0.0 PORT=8000
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN python -m cluster_ehs.core.catalogues
COPY --from=assets /app/static/build static/build
# Collecting needs the settings to load, not their values; none of these stays in the image.
RUN mkdir -p var /files && chown ehs var /files \
    && SECRET_KEY=- ALLOWED_HOSTS=- PUBLIC_URL=- DATABASE_URL=postgresql://- REDIS_URL=redis://- \
       DEFAULT_FROM_EMAIL=- EMAIL_HOST=- python manage.py collectstatic --noinput
USER ehs
EXPOSE 8000
CMD ["gunicorn", "cluster_ehs.wsgi"]
