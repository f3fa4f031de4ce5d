using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training;

public sealed class LoaderTimesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Nothing_is_timed_before_the_first_epoch() => Assert.Equal(default, Loader(count: 1, _ => { }).Times);

    [Fact]
    public void A_consumer_waits_from_its_request_until_the_batch_is_made()
    {
        // The worker begins when the consumer has read the clock for its request, the second time that it does so.
        using var requested = new ManualResetEventSlim();
        var (consumer, reads) = (Environment.CurrentManagedThreadId, 0);
        _time.Read = () =>
        {
            if (Environment.CurrentManagedThreadId == consumer && ++reads == 2)
            {
                requested.Set();
            }
        };
        var loader = Loader(count: 1, _ =>
        {
            requested.Wait();
            _time.Advance(seconds: 3);
        });
        foreach (var batch in loader.Epoch(1))
        {
            batch.Dispose();
            _time.Advance(seconds: 1);
        }
        Assert.Equal(new LoaderTimes(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)), loader.Times);
        Assert.Equal(0.75, loader.Times.WaitShare);
    }

    [Fact]
    public void A_consumer_that_finds_its_batches_made_does_not_wait()
    {
        using var made = new CountdownEvent(3);
        var loader = Loader(count: 3, _ => made.Signal(), workers: 3);
        foreach (var batch in loader.Epoch(1))
        {
            batch.Dispose();
            made.Wait();
            _time.Advance(seconds: 10);
        }
        Assert.Equal(new LoaderTimes(TimeSpan.FromSeconds(30), TimeSpan.Zero, TimeSpan.Zero), loader.Times);
        Assert.Equal(0, loader.Times.WaitShare);
    }

    [Fact]
    public void Time_after_the_end_of_an_epoch_does_not_count()
    {
        var loader = Loader(count: 1, _ => _time.Advance(seconds: 3));
        Run(loader);
        var times = loader.Times;
        _time.Advance(seconds: 100);
        Assert.Equal(times, loader.Times);
    }

    [Fact]
    public void Each_epoch_is_timed_anew()
    {
        var work = 3;
        var loader = Loader(count: 2, _ => _time.Advance(work));
        Run(loader);
        Assert.Equal(6, loader.Times.Elapsed.TotalSeconds);
        work = 1;
        Run(loader);
        Assert.Equal(2, loader.Times.Elapsed.TotalSeconds);
    }

    [Fact]
    public void What_a_sample_source_throws_reaches_the_consumer()
    {
        var loader = Loader(count: 9, i => _ = i == 4 ? throw new InvalidDataException("sample 4") : 0, workers: 2, batchSize: 2);
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

    private static void Run(BatchLoader loader)
    {
        foreach (var batch in loader.Epoch(1))
        {
            batch.Dispose();
        }
    }

    private BatchLoader Loader(int count, Action<int> work, int workers = 1, int batchSize = 1) =>
        new(SampleSet.All(new WorkingSource(count, work)), batchSize, null, seed: 1, workers, time: _time);

    private sealed class WorkingSource(int count, Action<int> work) : ISampleSource
    {
        public int Count => count;

        public SampleShape Shape => new(1, 1, 1, IsFloat: false);

        public int Label(int sample) => sample;

        public void Write(int sample, Span<byte> target, ref RandomStream random) => work(sample);
    }
}
