"""How long the lists of recipes took, as counts by hour and step of time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "timings",
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("lists", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("slug", "hour", "step", name="pk_timings"),
    )


def downgrade() -> None:
    op.drop_table("timings")
