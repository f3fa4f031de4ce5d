using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>In what databases differ. Times are seconds since 1970, by the database's clock.</summary>
internal interface ISqlDialect : IDisposable
{
    /// <summary>What to call the database in messages; no password.</summary>
    string Name { get; }

    /// <summary>The time as an expression, not that at which a transaction began.</summary>
    string Now { get; }

    /// <summary>Ends the query for the row to claim: rows that others claim at this moment are passed over.</summary>
    string LockRow { get; }

    /// <summary>The type of a number that counts up by itself, as the primary key.</summary>
    string Identity { get; }

    /// <summary>The type of a real number of 64 bits.</summary>
    string Real { get; }

    /// <summary>Run at the beginning of the transaction in which tables are made or changed, so that one worker does so at a time; empty for nothing.</summary>
    string LockSchema { get; }

    /// <summary>Opens a connection.</summary>
    DbConnection Connect();

    /// <summary>Whether the same operation may succeed when it is tried again.</summary>
    bool IsPassing(DbException e);

    /// <summary>What a failure means to the user; null for its own words.</summary>
    Exception? Explain(DbException e);
}
