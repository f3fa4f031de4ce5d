using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using MsVit.MLNet;

namespace MsVit.Trainer.Bench;

/// <summary>A store with as many samples as ImageNet: filled, sealed, and read once in shuffled order.</summary>
/// <remarks>
/// The lengths are log-normal around ImageNet's mean JPEG of 110,000 bytes (deviation 0.7 of the logarithm), divided by 27.5 so that
/// they fit most disks: 4,000 bytes on average. What is measured is the store, not a decoder: the bytes are noise, each sample begins
/// with its number, and that is checked. The rate is that of reading; on a machine with as much free memory as the files are large, it
/// is the page cache's.
/// </remarks>
internal static class MillionSamples
{
    private const double MeanBytes = 110_000;
    private const double Scale = 27.5;
    private const double LogDeviation = 0.7;
    private const int LeastBytes = sizeof(long);
    private const int MostBytes = 1 << 20;
    private const int Looks = 4096;

    public static BenchmarkRow Run(string name, BenchmarkSettings settings)
    {
        var (count, memory) = settings.Quick ? (1000, 1L << 20) : (1_000_000, 1L << 30);
        var folder = Path.Combine(Path.GetTempPath(), "msvit");
        SpillFile.RemoveLeftovers(folder);
        var noise = new byte[MostBytes];
        new Random(1).NextBytes(noise);
        var managed = 0L;
        GC.Collect();
        PeakMemory.Restart();

        using var store = new SampleStore(memory, folder) { ExpectedCount = count };
        var filling = Stopwatch.StartNew();
        Fill(store, count, noise, Look);
        store.Seal();
        filling.Stop();

        var order = Enumerable.Range(0, count).ToArray();
        new RandomStream(1, 0, 0).Shuffle<int>(order);
        var reading = Stopwatch.StartNew();
        Parallel.ForEach(Partitioner.Create(0, count), part => ReadAll(store, order.AsSpan(part.Item1, part.Item2 - part.Item1), Look));
        reading.Stop();

        var figures = new SortedDictionary<string, double>
        {
            ["samples"] = count,
            ["bytes"] = store.TotalBytes,
            ["bytes_in_files"] = store.SpilledBytes,
            ["index_bytes_per_sample"] = (double)store.IndexBytes / count,
            ["fill_samples_per_second"] = count / filling.Elapsed.TotalSeconds,
            ["fill_megabytes_per_second"] = store.TotalBytes / filling.Elapsed.TotalSeconds / 1e6,
            ["read_megabytes_per_second"] = store.TotalBytes / reading.Elapsed.TotalSeconds / 1e6,
            ["peak_managed_megabytes"] = managed / 1e6,
        };
        if (PeakMemory.Highest() is { } highest && PeakMemory.Anonymous() is { } anonymous)
        {
            figures["peak_resident_megabytes"] = highest / 1e6;
            figures["resident_without_files_megabytes"] = anonymous / 1e6;
        }
        return new() { Name = name, Median = count / reading.Elapsed.TotalSeconds, Unit = "samples/s", Figures = figures };

        void Look()
        {
            var now = GC.GetTotalMemory(forceFullCollection: false);
            for (var seen = Interlocked.Read(ref managed); now > seen; seen = Interlocked.Read(ref managed))
            {
                Interlocked.CompareExchange(ref managed, now, seen);
            }
        }
    }

    private static void Fill(SampleStore store, int count, byte[] noise, Action look)
    {
        var random = new RandomStream(1, 1, 0);
        // The mean of a log-normal is e^(m + d^2/2).
        var middle = Math.Log(MeanBytes / Scale) - LogDeviation * LogDeviation / 2;
        for (var i = 0; i < count; i++)
        {
            var length = Math.Clamp((int)Math.Exp(middle + LogDeviation * random.NextNormal()), LeastBytes, MostBytes);
            BinaryPrimitives.WriteInt64LittleEndian(noise, i);
            store.Add(noise.AsSpan(0, length), label: i % 1000);
            if (i % Looks == 0)
            {
                look();
            }
        }
    }

    private static void ReadAll(SampleStore store, ReadOnlySpan<int> samples, Action look)
    {
        var bytes = new byte[MostBytes];
        for (var k = 0; k < samples.Length; k++)
        {
            store.Read(samples[k], bytes);
            if (BinaryPrimitives.ReadInt64LittleEndian(bytes) != samples[k])
            {
                throw new InvalidOperationException($"Sample {samples[k]} of the store holds other bytes than were put in.");
            }
            if (k % Looks == 0)
            {
                look();
            }
        }
    }
}
