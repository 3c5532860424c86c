"""A conversation's last question is forgotten with who asked it, also in a thread of many.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asked", sa.Column("user", sa.Text(), nullable=True))
    op.create_index(op.f("ix_asked_user"), "asked", ["user"])


def downgrade() -> None:
    op.drop_index(op.f("ix_asked_user"), "asked")
    op.drop_column("asked", "user")
