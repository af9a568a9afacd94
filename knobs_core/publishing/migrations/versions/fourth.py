"""Studies, who takes part in them, and what they answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "studies",
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_studies"),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("consented", moment),
        sa.Column("finished", moment),
        sa.Column("withdrawn", moment),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
        sa.ForeignKeyConstraint(["slug"], ["studies.slug"], name="fk_participants_slug"),
        sa.UniqueConstraint("digest", name="uq_participants_digest"),
    )
    op.create_index("ix_participants_slug", "participants", ["slug"])
    op.create_table(
        "answers",
        sa.Column("participant", sa.String(32), nullable=False),
        sa.Column("step", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("participant", "step", name="pk_answers"),
        sa.ForeignKeyConstraint(["participant"], ["participants.id"], name="fk_answers_participant"),
    )


def downgrade() -> None:
    for table in ("answers", "participants", "studies"):
        op.drop_table(table)
