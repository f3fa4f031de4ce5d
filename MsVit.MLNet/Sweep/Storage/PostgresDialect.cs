using System.Data.Common;
using Npgsql;

namespace MsVit.MLNet.Sweep;

/// <summary>A PostgreSQL server, for workers on several machines.</summary>
internal sealed class PostgresDialect : ISqlDialect
{
    private readonly NpgsqlDataSource _source;

    public PostgresDialect(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "msvit sweep" };
        Name = $"PostgreSQL at {parts.Host}:{parts.Port}, database {parts.Database ?? parts.Username}";
        _source = NpgsqlDataSource.Create(parts);
    }

    public string Name { get; }

    public string Now => "extract(epoch from clock_timestamp())::double precision";

    public string LockRow => "FOR UPDATE SKIP LOCKED";

    public string Identity => "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    public string Real => "double precision";

    // An arbitrary number that other programs are unlikely to use: "msvit" in bytes.
    public string LockSchema => "SELECT pg_advisory_xact_lock(470168266100)";

    public DbConnection Connect()
    {
        try
        {
            return _source.OpenConnection();
        }
        catch (NpgsqlException)
        {
            // After a server restart every idle connection is dead.
            _source.Clear();
            throw;
        }
    }

    // The server is shutting down, starting up or unreachable, or the driver says that the error is transient.
    public bool IsTransient(DbException e) => e.IsTransient
        || e.SqlState is "57P01" or "57P02" or "57P03"
        || (e is NpgsqlException and not PostgresException && e.InnerException is IOException or TimeoutException);

    public Exception? Explain(DbException e) => new IOException($"{Name}: {e.Message}", e);

    public void Dispose() => _source.Dispose();
}
