using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace MsVit.MLNet.Sweep;

/// <summary>A SQLite file, for any number of workers on one machine.</summary>
internal sealed class SqliteDialect : ISqlDialect
{
    // SQLite's result codes.
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private readonly string _connection;

    public SqliteDialect(string path)
    {
        Name = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Name)!);
        _connection = new SqliteConnectionStringBuilder { DataSource = Name, ForeignKeys = true, DefaultTimeout = 60 }.ConnectionString;
    }

    public string Name { get; }

    public string Now => "unixepoch('subsec')";

    // SQLite serializes writing transactions.
    public string LockRow => "";

    public string Identity => "INTEGER PRIMARY KEY";

    public string Real => "REAL";

    public string LockSchema => "";

    public DbConnection Connect()
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // WAL lets readers proceed during a write. FULL makes a commit durable when it returns.
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public bool IsTransient(DbException e) => e is SqliteException { SqliteErrorCode: Busy or Locked };

    public Exception? Explain(DbException e) => (e as SqliteException)?.SqliteErrorCode switch
    {
        NotADatabase or Corrupt => new InvalidDataException(
            $"{Name} is not a SQLite database, or it is damaged: {e.Message} Use another file, or delete this one.", e),
        ReadOnly or Full => new IOException($"{Name} cannot be written: {e.Message}", e),
        CannotOpen => new IOException($"{Name} cannot be opened: {e.Message}", e),
        _ => null,
    };

    public void Dispose()
    {
        // Pooled connections would keep the file open.
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
    }
}
