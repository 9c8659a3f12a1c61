#!/usr/bin/env python3
"""Writes Kubernetes manifests of realistic shape into a folder, the same ones each time.

    python3 benches/manifests.py FOLDER
"""

import pathlib
import random
import sys
import textwrap

DOCUMENTS = 2000
SEED = 20

APPS = ["cart", "catalog", "checkout", "feed", "gateway", "inventory", "mail", "payment", "search", "session", "shop"]
PARTS = ["api", "cache", "proxy", "scheduler", "web", "worker"]
TEAMS = ["commerce", "data", "identity", "platform"]
NAMESPACES = ["production", "staging", "tools"]


def indent(text, depth):
    return textwrap.indent(text, " " * depth)


def labels(name, rng):
    return textwrap.dedent(f"""\
        app.kubernetes.io/name: {name}
        app.kubernetes.io/version: "{rng.randint(1, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}"
        app.kubernetes.io/part-of: {name.split("-")[0]}
        team: {rng.choice(TEAMS)}
        """)


def metadata(name, rng):
    # One object in forty belongs to nobody.
    owned = labels(name, rng) if rng.random() > 0.025 else f"app: {name}\n"
    return f"metadata:\n  name: {name}\n  namespace: {rng.choice(NAMESPACES)}\n  labels:\n{indent(owned, 4)}"


def container(name, rng):
    tag = "latest" if rng.random() < 0.03 else f"v{rng.randint(1, 4)}.{rng.randint(0, 40)}.{rng.randint(0, 12)}"
    text = textwrap.dedent(f"""\
        - name: {name}
          image: registry.example.com/{rng.choice(TEAMS)}/{name}:{tag}
          imagePullPolicy: {rng.choice(["IfNotPresent", "Always"])}
          args: ["--listen=:8080", "--log-level={rng.choice(["info", "debug"])}"]
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: REGION
              value: eu-{rng.choice(["west", "north"])}-{rng.randint(1, 3)}
            - name: DATABASE_PASSWORD
              valueFrom:
                secretKeyRef: {{name: {name}, key: password}}
          readinessProbe:
            httpGet:
              path: /ready
              port: http
            periodSeconds: {rng.randint(5, 20)}
        """)
    if rng.random() > 0.05:
        text += f"  resources:\n    requests: {{cpu: {rng.randint(1, 9)}00m, memory: {rng.randint(1, 8) * 64}Mi}}\n"
        text += f"    limits:\n      memory: {rng.randint(8, 16) * 64}Mi\n"
    text += "  securityContext:\n"
    text += f"    allowPrivilegeEscalation: {'false' if rng.random() > 0.02 else 'true'}\n"
    text += "    readOnlyRootFilesystem: true\n    capabilities:\n      drop: [ALL]\n"
    return text


def pod(name, rng):
    containers = container(name, rng)
    if rng.random() < 0.2:
        containers += container(f"{name}-metrics", rng)
    host = "hostNetwork: true\n" if rng.random() < 0.01 else ""
    return f"""\
serviceAccountName: {name}
{host}securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
containers:
{indent(containers, 2)}\
terminationGracePeriodSeconds: {rng.choice([30, 60])}
"""


def deployment(name, rng):
    return f"""\
apiVersion: apps/v1
kind: Deployment
{metadata(name, rng)}\
  annotations:
    example.com/runbook: https://runbooks.example.com/{name}
spec:
  replicas: {rng.choice([1, 2, 2, 3, 3, 3, 5])}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata:
      labels:
{indent(labels(name, rng), 8)}\
    spec:
{indent(pod(name, rng), 6)}"""


def service(name, rng):
    ports = "".join(
        f"    - name: {port}\n      port: {number}\n      targetPort: {port}\n      protocol: TCP\n"
        for port, number in [("http", 80), ("grpc", 9090), ("metrics", 9100)][: rng.randint(1, 3)]
    )
    kind = rng.choices(["ClusterIP", "LoadBalancer", "NodePort"], [90, 8, 2])[0]
    return f"""\
apiVersion: v1
kind: Service
{metadata(name, rng)}\
spec:
  type: {kind}
  selector:
    app.kubernetes.io/name: {name}
  ports:
{ports}"""


def ingress(name, rng):
    hosts = [f"{name}{number or ''}.example.com" for number in range(rng.randint(1, 3))]
    rules = "".join(
        textwrap.dedent(f"""\
            - host: {host}
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: {name}
                        port:
                          name: http
            """)
        for host in hosts
    )
    tls = f"  tls:\n    - hosts: [{', '.join(hosts)}]\n      secretName: {name}-tls\n" if rng.random() > 0.04 else ""
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
{metadata(name, rng)}\
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
    nginx.ingress.kubernetes.io/proxy-body-size: "8m"
spec:
  ingressClassName: nginx
{tls}  rules:
{indent(rules, 4)}"""


def cron_job(name, rng):
    policy = "Allow" if rng.random() < 0.05 else "Forbid"
    return f"""\
apiVersion: batch/v1
kind: CronJob
{metadata(name, rng)}\
spec:
  schedule: "{rng.randint(0, 59)} {rng.randint(0, 23)} * * *"
  concurrencyPolicy: {policy}
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
{indent(pod(name, rng), 10)}"""


def config_map(name, rng):
    lines = "".join(f"    {key}.{number} = {rng.randint(1, 9999)}\n" for number in range(12) for key in ("pool", "retry"))
    rules = "".join(f"    - match: ^/{name}/{number}\n      weight: {rng.random():.3f}\n" for number in range(8))
    return f"""\
# Read by {name} at its start.
apiVersion: v1
kind: ConfigMap
{metadata(name, rng)}\
data:
  LOG_FORMAT: json
  FEATURES: "search,{rng.choice(TEAMS)}"
  application.properties: |
    # tuned by hand
{lines}\
  routes.yaml: |-
{rules}"""


def network_policy(name, rng):
    peers = "".join(
        textwrap.dedent(f"""\
            - from:
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: {space}
                  podSelector:
                    matchLabels: {{app.kubernetes.io/part-of: {rng.choice(APPS)}}}
              ports:
                - port: {rng.choice([80, 8080, 9100])}
                  protocol: TCP
            """)
        for space in NAMESPACES[: rng.randint(1, 3)]
    )
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{metadata(name, rng)}\
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {name}
  policyTypes: [Ingress, Egress]
  ingress:
{indent(peers, 4)}\
  egress:
    - to:
        - ipBlock:
            cidr: {"0.0.0.0/0" if rng.random() < 0.03 else f"10.{rng.randint(0, 255)}.0.0/16"}
            except: [10.0.0.1/32]
"""


KINDS = [deployment, cron_job, config_map, ingress, network_policy, service]
SHARES = [37, 10, 13, 13, 12, 15]


def write(folder, wanted=DOCUMENTS):
    """Writes so many manifests; gives how many documents and bytes there are."""
    rng = random.Random(SEED)
    folder = pathlib.Path(folder)
    documents = size = 0
    while documents < wanted:
        name = f"{rng.choice(APPS)}-{rng.choice(PARTS)}-{documents}"
        # Every third file is a stream: an application with all that belongs to it.
        count = rng.randint(2, 5) if rng.random() < 0.33 else 1
        kinds = rng.choices(KINDS, SHARES, k=min(count, wanted - documents))
        text = "---\n".join(kind(name, rng) for kind in kinds)
        path = folder / name.split("-")[0] / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        documents += len(kinds)
        size += len(text)
    return documents, size


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("%d documents, %d bytes" % write(sys.argv[1]))
