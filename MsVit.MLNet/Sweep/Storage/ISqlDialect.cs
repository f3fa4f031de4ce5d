using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>The differences between databases. Times are seconds since 1970 by the database's clock.</summary>
internal interface ISqlDialect : IDisposable
{
    /// <summary>The database's name in messages, without a password.</summary>
    string Name { get; }

    /// <summary>An expression for the current time, not the start of the transaction.</summary>
    string Now { get; }

    /// <summary>Appended to the query that selects a row to claim; skips rows that other workers are claiming.</summary>
    string LockRow { get; }

    /// <summary>The type of an auto-incrementing primary key.</summary>
    string Identity { get; }

    /// <summary>The type of a 64-bit floating-point number.</summary>
    string Real { get; }

    /// <summary>
    /// Executed first in a transaction that creates or upgrades tables, so that only one worker does so at a time. Empty if not needed.
    /// </summary>
    string LockSchema { get; }

    /// <summary>Opens a connection.</summary>
    DbConnection Connect();

    /// <summary>Whether retrying the operation may succeed.</summary>
    bool IsTransient(DbException e);

    /// <summary>Translates a failure for the user; null to keep the original exception.</summary>
    Exception? Explain(DbException e);
}
