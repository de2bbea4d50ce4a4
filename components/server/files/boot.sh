#!/bin/bash
# Runs once on a new host; what it enables starts again by itself at later boots. Rights of a role that was just made
# may be minutes away, so what needs them is tried until it works.
set -euo pipefail
until dnf install --assumeyes --quiet docker amazon-cloudwatch-agent amazon-ecr-credential-helper; do sleep 5; done
{% if address %}
export AWS_DEFAULT_REGION={{ region }}
instance=$(ec2-metadata --instance-id | cut -d ' ' -f 2)
ask=(aws ssm get-parameters --names {{ address }} --query 'Parameters[0].Value' --output text)
until address=$("${ask[@]}"); do sleep 5; done
until aws ec2 associate-address --allocation-id "$address" --instance-id "$instance" --allow-reassociation; do sleep 5; done
{% endif %}
systemctl enable --now docker
for packed in /opt/phaseup/*.bz2 /etc/phaseup/*.bz2; do
/usr/bin/python3 -c 'import bz2, sys; sys.stdout.buffer.write(bz2.open(sys.argv[1]).read())' "$packed" >"${packed%.bz2}"
done
/usr/bin/python3 /opt/phaseup/host install
# Last: a host without its metrics still serves.
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/phaseup/agent.json
