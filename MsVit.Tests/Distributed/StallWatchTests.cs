using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

public sealed class StallWatchTests : IRankInquiry
{
    private readonly HandTime _time = new();
    private readonly List<string> _lines = [];
    private readonly RankProgress?[] _ranks = new RankProgress?[3];
    private int _asked, _told, _ended;
    private (int Rank, StallWatch Watch) _asking;

    [Fact]
    public void A_call_is_watched_after_60_seconds_and_the_late_rank_is_named_once()
    {
        using var watch = Watch(rank: 0);
        watch.BeginStep(12);
        watch.Begin();
        using var wait = watch.Wait(RankCall.Sum);
        (_ranks[1], _ranks[2]) = (new(1, 12, RankCall.None), new(2, 12, RankCall.Sum));
        Pass(watch, 59.9);
        Assert.Equal(0, _asked);
        Pass(watch, 0.1);
        Pass(watch, 100);
        Assert.Equal(["Rank 0 on a has waited 60 s for a sum in step 12. Rank 1 on b is late: it still computes in step 12."], _lines);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public void A_rank_that_does_not_answer_and_one_that_waits_elsewhere_are_named()
    {
        using var watch = Watch(rank: 0);
        watch.Begin();
        using var wait = watch.Wait(RankCall.Barrier);
        _ranks[2] = new(1, 3, RankCall.Broadcast);
        Pass(watch, 60);
        Assert.Equal(["Rank 0 on a has waited 60 s for a barrier. Rank 1 on b does not answer: its process or host has stopped, or the "
            + "network to it is down. Rank 2 on c is late: it waits for a broadcast in step 3."], _lines);
    }

    [Fact]
    public void A_sum_that_was_begun_earlier_is_late_only_on_ranks_that_have_not_begun_it()
    {
        using var watch = Watch(rank: 0);
        var sum = watch.Begin();
        watch.Begin();
        using var wait = watch.WaitFor(RankCall.Sum, sum);
        (_ranks[1], _ranks[2]) = (new(1, 0, RankCall.None), new(2, 0, RankCall.Sum));
        Pass(watch, 60);
        Assert.Equal(["Rank 0 on a has waited 60 s for a sum. All ranks have joined it, so the network or the MPI library does not "
            + "complete it."], _lines);
    }

    [Fact]
    public void The_first_waiting_rank_speaks_for_all()
    {
        using var watch = Watch(rank: 2);
        using var wait = watch.Wait(RankCall.Sum);
        (_ranks[0], _ranks[1]) = (new(1, 0, RankCall.Sum), new(0, 0, RankCall.None));
        Pass(watch, 60);
        Pass(watch, 540);
        Assert.Empty(_lines);
        Assert.Equal(0, _ended);
        // That one has had half a minute to end the job.
        Pass(watch, 30);
        Assert.Equal((1, 1), (_lines.Count, _ended));
    }

    [Fact]
    public void A_rank_that_waits_speaks_if_those_before_it_are_late()
    {
        using var watch = Watch(rank: 1);
        using var wait = watch.Wait(RankCall.Sum);
        (_ranks[0], _ranks[2]) = (new(0, 0, RankCall.None), new(1, 0, RankCall.Sum));
        Pass(watch, 60);
        Assert.Equal(["Rank 1 on b has waited 60 s for a sum. Rank 0 on a is late: it still computes."], _lines);
    }

    [Fact]
    public void After_ten_minutes_the_job_ends_with_one_message()
    {
        using var watch = Watch(rank: 0);
        using var wait = watch.Wait(RankCall.Sum);
        (_ranks[1], _ranks[2]) = (null, new(1, 0, RankCall.Sum));
        Pass(watch, 600);
        Assert.Equal((1, 1), (_told, _ended));
        Assert.Contains("has waited 600 s for a sum. Rank 1 on b does not answer", Assert.Single(_lines));
        Assert.EndsWith(
            " This is the limit for stalls, so the job ends. Started again, it resumes from its last checkpoint.", _lines[0]);
    }

    [Fact]
    public void Without_a_limit_a_rank_waits_forever()
    {
        using var watch = Watch(rank: 0, limit: null);
        using var wait = watch.Wait(RankCall.Sum);
        Pass(watch, 100_000);
        Assert.Equal((1, 0), (_lines.Count, _ended));
    }

    [Fact]
    public void The_end_of_a_long_wait_is_said()
    {
        using var watch = Watch(rank: 0);
        using (watch.Wait(RankCall.Sum))
        {
            Pass(watch, 60);
            Pass(watch, 15);
        }
        Assert.Equal("Rank 0 on a no longer waits, after 75 s.", _lines[1]);
        Pass(watch, 1000);
        Assert.Equal(2, _lines.Count);
    }

    [Fact]
    public void A_rank_that_has_nothing_left_to_do_waits_while_the_others_answer()
    {
        using var watch = Watch(rank: 1);
        using var wait = watch.WaitToLeave();
        (_ranks[0], _ranks[2]) = (new(0, 0, RankCall.None), new(0, 0, RankCall.Leave));
        Pass(watch, 6000);
        Assert.Empty(_lines);
        Assert.Null(watch.WhoNeedsThis());
        _ranks[0] = null;
        Pass(watch, 1);
        Assert.Contains("for the end of the job. Rank 0 on a does not answer", Assert.Single(_lines));
    }

    [Fact]
    public void A_rank_that_leaves_knows_who_still_waits_for_it()
    {
        using var watch = Watch(rank: 1);
        using var wait = watch.WaitToLeave();
        (_ranks[0], _ranks[2]) = (new(0, 0, RankCall.Leave), new(1, 4, RankCall.Max));
        Assert.Equal("Rank 2 on c waits for it in a maximum in step 4", watch.WhoNeedsThis());
    }

    IReadOnlyList<RankProgress?> IRankInquiry.Ask()
    {
        _asked++;
        _ranks[_asking.Rank] = _asking.Watch.Progress;
        return _ranks;
    }

    void IRankInquiry.TellEnd() => _told++;

    [Fact]
    public void Work_of_rank_0_alone_is_waited_for_as_long_as_it_is_the_only_one_that_is_missing()
    {
        using var watch = Watch(rank: 1);
        using var wait = watch.Wait(RankCall.First);
        (_ranks[0], _ranks[2]) = (new(0, 0, RankCall.None), new(1, 0, RankCall.First));
        Pass(watch, 3600);
        Assert.Equal((0, 0), (_lines.Count, _ended));
        // Rank 2 is late as well.
        _ranks[2] = new(0, 0, RankCall.None);
        Pass(watch, 3600);
        Assert.StartsWith("Rank 1 on b has waited 7200 s for rank 0. Rank 0 on a is late: it still computes. Rank 2 on c is late",
            Assert.Single(_lines));
        Assert.Equal(1, _ended);
    }

    private StallWatch Watch(int rank) => Watch(rank, new RankGroupOptions().StallLimit);

    private StallWatch Watch(int rank, TimeSpan? limit)
    {
        var watch = new StallWatch(rank, ["a", "b", "c"], new() { StallLimit = limit, Notice = _lines.Add }, _time, this, () => _ended++);
        _asking = (rank, watch);
        return watch;
    }

    private void Pass(StallWatch watch, double seconds)
    {
        _time.Advance(seconds);
        watch.Check();
    }
}
