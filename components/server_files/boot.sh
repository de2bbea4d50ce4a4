#!/bin/bash
# Runs once on a new host; what it enables starts again by itself at later boots.
set -euo pipefail
until dnf install --assumeyes --quiet docker amazon-cloudwatch-agent amazon-ecr-credential-helper; do sleep 5; done
{% if address %}
instance=$(ec2-metadata --instance-id | cut -d ' ' -f 2)
export AWS_DEFAULT_REGION={{ region }}
address=$(aws ssm get-parameter --name {{ address }} --query Parameter.Value --output text)
until aws ec2 associate-address --allocation-id "$address" --instance-id "$instance" --allow-reassociation; do sleep 5; done
{% endif %}
systemctl enable --now docker
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/phaseup/agent.json
/usr/bin/python3 /opt/phaseup/host install
