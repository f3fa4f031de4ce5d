using MsVit.MLNet;

namespace MsVit.Tests.Distributed;

public sealed class ProgressSocketTests : IDisposable
{
    private readonly ProgressSocket[] _sockets = [new(), new(), new()];
    private readonly RankProgress[] _progress = [new(5, 2, RankCall.Sum), new(4, 2, RankCall.None), new(5, 2, RankCall.Barrier)];
    private readonly CountdownEvent _ended = new(2);

    [Fact]
    public void Ranks_tell_each_other_how_far_they_are()
    {
        var group = Guid.NewGuid();
        Start(0, group);
        Start(1, group);
        Start(2, group);
        Assert.Equal(_progress.Cast<RankProgress?>(), _sockets[1].Ask());
        _progress[2] = new(6, 3, RankCall.None);
        Assert.Equal(_progress[2], _sockets[0].Ask()[2]);
    }

    [Fact]
    public void A_rank_that_is_gone_or_of_another_group_gives_no_answer()
    {
        var group = Guid.NewGuid();
        Start(0, group);
        Start(1, Guid.NewGuid());
        Start(2, group);
        _sockets[2].Dispose();
        Assert.Equal([_progress[0], null, null], _sockets[0].Ask());
    }

    [Fact]
    public void The_end_reaches_all_other_ranks()
    {
        var group = Guid.NewGuid();
        Start(0, group);
        Start(1, group);
        Start(2, group);
        _sockets[0].TellEnd();
        Assert.True(_ended.Wait(TimeSpan.FromSeconds(20)));
    }

    public void Dispose()
    {
        Array.ForEach(_sockets, socket => socket.Dispose());
        _ended.Dispose();
    }

    private void Start(int rank, Guid group)
    {
        byte[] addresses = [.. _sockets.SelectMany(socket => socket.Address)];
        var isTold = 0;
        _sockets[rank].Start(group, rank, addresses, () => _progress[rank], () =>
        {
            Assert.NotEqual(0, rank);
            // A rank is told at each of its addresses.
            if (Interlocked.Exchange(ref isTold, 1) == 0)
            {
                _ended.Signal();
            }
        });
    }
}
