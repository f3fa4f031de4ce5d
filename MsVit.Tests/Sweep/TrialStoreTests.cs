using Microsoft.Data.Sqlite;
using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;

namespace MsVit.Tests.Sweep;

public sealed class InMemoryTrialStoreTests : TrialStoreContract
{
    private protected override ITrialStore NewStore() => new InMemoryTrialStore();
}

public sealed class SqliteTrialStoreTests : TrialStoreContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_stored_is_there_after_the_store_was_closed()
    {
        using (var first = NewStore())
        {
            first.TryAdd(first.Open("a", "{}", "{}").Id, 0, "{\"x\":\"1\"}", 3);
        }
        var store = Open();
        Assert.Equal(3, Assert.Single(store.Trials(store.Open("a", "{}", "{}").Id)).Seed);
    }

    [Fact]
    public void A_file_that_is_not_a_database_is_rejected_and_stays_unchanged()
    {
        var path = _folder.Write("notes.db", System.Text.Encoding.UTF8.GetBytes(new string('x', 5000)));
        Assert.Contains("is not a SQLite database", Assert.Throws<InvalidDataException>(() => TrialStores.Open(path)).Message,
            StringComparison.Ordinal);
        Assert.Equal(5000, new FileInfo(path).Length);
    }

    [Fact]
    public void Tables_of_a_newer_version_are_rejected()
    {
        NewStore().Dispose();
        Run("UPDATE msvit_schema SET version = 99");
        Assert.Contains("newer version of MsVit (table version 99", Assert.Throws<InvalidDataException>(NewStore).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state = 'Sleeping'", "its state is 'Sleeping'")]
    [InlineData("parameters = 'null'", "its parameters are null")]
    [InlineData("parameters = '[1'", "trial 0 is damaged")]
    [InlineData("objectives = '{\"a\":\"b\"}'", "trial 0 is damaged")]
    [InlineData("attempts = 99999999999999", "trial 0 is damaged")]
    public void A_damaged_trial_is_named(string damage, string message)
    {
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        store.TryAdd(sweep, 0, "{}", 0);
        Run($"UPDATE msvit_trial SET {damage}");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => store.Trials(sweep)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trials.txt")]
    [InlineData("mysql://host/db")]
    public void What_names_no_store_is_rejected(string store) =>
        Assert.Contains("expected a file name ending in .db", Assert.Throws<ArgumentException>(() => TrialStores.Open(store)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_password_is_never_repeated()
    {
        var error = Assert.Throws<ArgumentException>(() => TrialStores.Open("Host=h;Password=hunter2;Nonsense=1"));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        using var dialect = new PostgresDialect(PostgresAddress.ConnectionString("postgres://me:hunter2@host.example:5433/sweeps"));
        Assert.Equal("PostgreSQL at host.example:5433, database sweeps", dialect.Name);
    }

    private protected override ITrialStore NewStore() => TrialStores.Open(Path);

    private string Path => System.IO.Path.Combine(_folder.Path, "trials.db");

    private void Run(string sql)
    {
        // A pooled connection would keep the file open.
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
