using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;
using Npgsql;

namespace MsVit.Tests.Sweep;

/// <summary>The contract of stores on a real server.</summary>
public sealed class PostgresTrialStoreTests : IDisposable
{
    private readonly Lazy<PostgresServer> _server = new(() => new());

    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }
    }

    [PostgresFact]
    public void It_does_what_every_store_must_do()
    {
        foreach (var fact in typeof(TrialStoreContract).GetMethods()
            .Where(method => method.IsDefined(typeof(FactAttribute), inherit: false)))
        {
            // Each fact finds its sweeps new.
            using (var source = NpgsqlDataSource.Create(_server.Value.ConnectionString))
            {
                using var drop = source.CreateCommand("DROP TABLE IF EXISTS msvit_epoch, msvit_trial, msvit_sweep, msvit_schema");
                drop.ExecuteNonQuery();
            }
            using var contract = new Contract(_server.Value.ConnectionString);
            fact.Invoke(contract, null);
        }
    }

    [PostgresFact]
    public void A_restart_of_the_server_loses_nothing_and_stops_nobody()
    {
        using var store = TrialStores.Open(_server.Value.ConnectionString);
        var sweep = store.Open("a", "{}", "{}").Id;
        store.TryAdd(sweep, 0, "{}", 0);
        var claim = store.Claim(sweep, "w", TimeSpan.FromMinutes(5))!;
        store.Report(claim, new(1, 0.5, 1, 1));
        _server.Value.Stop();
        var back = new Thread(_server.Value.Start);
        back.Start();
        Assert.True(store.Report(claim, new(2, 0.6, 1, 2)));
        Assert.True(store.Finish(claim, TrialState.Completed, new Dictionary<string, double>(), null, null));
        back.Join();
        Assert.Equal(2, Assert.Single(store.Trials(sweep)).Curve.Count);
    }

    [PostgresFact]
    public void An_unreachable_server_is_named_without_its_password()
    {
        var error = Assert.Throws<IOException>(() => TrialStores.Open(
            "Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Database=d;Timeout=1"));
        Assert.StartsWith("PostgreSQL at 127.0.0.1:1, database d: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    private sealed class Contract(string connection) : TrialStoreContract
    {
        private protected override ITrialStore NewStore() => TrialStores.Open(connection);
    }
}
