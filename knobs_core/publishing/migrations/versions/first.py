"""Recipes, their versions, the rules of the house, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "recipes",
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("draft", sa.Integer, nullable=False),
        sa.Column("live", sa.Integer),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_recipes"),
    )
    op.create_table(
        "versions",
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("slug", "number", name="pk_versions"),
        sa.ForeignKeyConstraint(["slug"], ["recipes.slug"], name="fk_versions_slug"),
    )
    op.create_table(
        "house_rules",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_house_rules"),
    )
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("was", sa.Integer),
        sa.Column("now", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
    )
    op.create_index("ix_acts_slug", "acts", ["slug"])


def downgrade() -> None:
    for table in ("acts", "house_rules", "versions", "recipes"):
        op.drop_table(table)
