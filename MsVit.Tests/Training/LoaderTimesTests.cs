using System.Diagnostics;
using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class LoaderTimesTests
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void A_consumer_that_does_nothing_waits_nearly_all_the_time()
    {
        var loader = new BatchLoader(SampleSet.All(new Laborious(count: 8, _ => Spin(Work))), batchSize: 1, null, seed: 1, workers: 1);
        foreach (var batch in loader.Epoch(1))
        {
            batch.Dispose();
        }
        Assert.InRange(loader.Times.WaitShare, 0.8, 1);
        Assert.True(loader.Times.Busy >= 8 * Work, $"{loader.Times}");
    }

    [Fact]
    public void A_consumer_that_finds_its_batches_made_waits_for_the_first_alone()
    {
        using var made = new CountdownEvent(3);
        var loader = new BatchLoader(SampleSet.All(new Laborious(count: 3, _ => made.Signal())), batchSize: 1, null, seed: 1, workers: 3);
        foreach (var batch in loader.Epoch(1))
        {
            batch.Dispose();
            made.Wait();
            Spin(10 * Work);
        }
        Assert.InRange(loader.Times.WaitShare, 0, 0.5);
        Assert.True(loader.Times.Elapsed >= 30 * Work, $"{loader.Times}");
        Assert.True(loader.Times.Waited <= loader.Times.Elapsed - (30 * Work), $"{loader.Times}");
    }

    [Fact]
    public void Each_epoch_is_timed_anew()
    {
        var slow = true;
        var loader = new BatchLoader(SampleSet.All(new Laborious(count: 2, _ => Spin(slow ? Work : TimeSpan.Zero))), batchSize: 1, null,
            seed: 1, workers: 1);
        Assert.Equal(0, loader.Times.WaitShare);
        Run();
        var first = loader.Times;
        slow = false;
        Run();
        Assert.True(loader.Times.Busy < first.Busy, $"{first} then {loader.Times}");

        void Run()
        {
            foreach (var batch in loader.Epoch(1))
            {
                batch.Dispose();
            }
        }
    }

    [Fact]
    public void What_a_sample_source_throws_reaches_the_consumer()
    {
        var loader = new BatchLoader(
            SampleSet.All(new Laborious(count: 9, i => _ = i == 4 ? throw new InvalidDataException("sample 4") : 0)), batchSize: 2, null,
                seed: 1, workers: 2);
        var batches = 0;
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var batch in loader.Epoch(1))
            {
                batch.Dispose();
                batches++;
            }
        });
        Assert.Equal(("sample 4", 2), (error.Message, batches));
    }

    private static void Spin(TimeSpan time)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
        }
    }

    private sealed class Laborious(int count, Action<int> labour) : ISampleSource
    {
        public int Count => count;

        public SampleShape Shape => new(1, 1, 1, IsFloat: false);

        public int Label(int sample) => sample;

        public void Write(int sample, Span<byte> target, ref RandomStream random) => labour(sample);
    }
}
