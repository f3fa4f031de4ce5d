using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>Creates or upgrades the tables when a store is opened.</summary>
internal static class SqlSchema
{
    /// <summary>The version that this library writes.</summary>
    public const int Version = 1;

    /// <summary>Creates the tables, or upgrades an older version, in one transaction.</summary>
    /// <exception cref="InvalidDataException">A newer version created the tables.</exception>
    public static void Prepare(DbConnection connection, ISqlDialect dialect)
    {
        using var transaction = connection.BeginTransaction();
        if (dialect.LockSchema.Length > 0)
        {
            connection.Execute(dialect.LockSchema);
        }
        connection.Execute("CREATE TABLE IF NOT EXISTS msvit_schema (version integer NOT NULL)");
        var found = connection.QueryInt("SELECT coalesce(max(version), 0) FROM msvit_schema") ?? 0;
        if (found > Version)
        {
            throw new InvalidDataException(
                $"{dialect.Name} has sweeps of a newer version of MsVit (table version {found}; this version supports {Version}): "
                + "use that version or another store.");
        }
        foreach (var step in Steps(dialect).Skip(found))
        {
            foreach (var statement in step)
            {
                connection.Execute(statement);
            }
        }
        if (found < Version)
        {
            connection.Execute("DELETE FROM msvit_schema");
            connection.Execute($"INSERT INTO msvit_schema (version) VALUES ({Version})");
        }
        transaction.Commit();
    }

    // Step n upgrades version n to n + 1. Never change a released step.
    private static string[][] Steps(ISqlDialect dialect) =>
    [
        [
            $"""
            CREATE TABLE msvit_sweep (
                id {dialect.Identity},
                name text NOT NULL UNIQUE,
                space text NOT NULL,
                settings text NOT NULL,
                created {dialect.Real} NOT NULL)
            """,
            $"""
            CREATE TABLE msvit_trial (
                sweep bigint NOT NULL REFERENCES msvit_sweep (id),
                number integer NOT NULL,
                parameters text NOT NULL,
                seed integer NOT NULL,
                state text NOT NULL,
                attempts integer NOT NULL,
                worker text,
                operation text,
                sign {dialect.Real},
                objectives text,
                failure text,
                model text,
                started {dialect.Real},
                finished {dialect.Real},
                finished_by integer,
                PRIMARY KEY (sweep, number))
            """,
            "CREATE INDEX msvit_trial_free ON msvit_trial (sweep, state, number)",
            $"""
            CREATE TABLE msvit_epoch (
                sweep bigint NOT NULL,
                trial integer NOT NULL,
                epoch integer NOT NULL,
                accuracy {dialect.Real},
                loss {dialect.Real},
                seconds {dialect.Real},
                PRIMARY KEY (sweep, trial, epoch),
                FOREIGN KEY (sweep, trial) REFERENCES msvit_trial (sweep, number))
            """,
        ],
    ];
}
