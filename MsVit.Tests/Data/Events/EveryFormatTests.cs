using MsVit.MLNet.Events;
using MsVit.Tests.Interop;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

public sealed class EveryFormatTests
{
    public static TheoryData<string> Names => [.. AllFormats.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_slow_writer_makes_is_read_back_in_pieces_of_any_length(string name)
    {
        foreach (var count in new[] { 0, 1, 2, 3, 5, 7, 1000 })
        {
            var events = SlowRecordings.Events(count, seed: count);
            var bytes = AllFormats.Bytes(name, events);
            Assert.Equal(events, AllFormats.Read(bytes, name));
            using var reader = EventFile.Open(new OneWayStream(name == "a.npz" ? [] : bytes), name,
                new() { Format = name == "a.npz" ? EventFormat.Atis : null });
            var read = new List<CameraEvent>();
            var piece = new CameraEvent[13];
            while (reader.Read(piece) is > 0 and var got)
            {
                read.AddRange(piece.AsSpan(0, got));
            }
            Assert.Equal(name == "a.npz" ? [] : events, read);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_longer_than_the_buffer_is_read_from_the_disk(string name)
    {
        using var folder = new TemporaryFolder();
        var events = SlowRecordings.Events(40_000, seed: 11);
        using var reader = EventFile.Open(folder.Write(name, AllFormats.Bytes(name, events)));
        Assert.Equal(events, reader.ReadToEnd());
        Assert.Equal(0, reader.Tally.BackwardSteps);
    }

    [Theory]
    [InlineData(AedatAxes.Upright)]
    [InlineData(AedatAxes.Cifar10Dvs)]
    [InlineData(AedatAxes.JAer)]
    [InlineData(AedatAxes.Raw)]
    public void AEDAT_2_that_is_written_is_read_back_over_the_overflow_of_its_clock(AedatAxes axes)
    {
        var events = SlowRecordings.Events(3000, seed: 5, maxStep: 1 << 23);
        Assert.True(events[^1].Time > 1L << 33);
        var bytes = AllFormats.Written(path => EventWriter.Aedat2(path, axes), events);
        using var reader = EventFile.Open(bytes, "w.aedat", new() { Axes = axes });
        Assert.Equal(events, reader.ReadToEnd());
        Assert.Equal(events[^1].Time >> 32, reader.Tally.ClockOverflows);
        Assert.Equal(0, reader.Tally.BackwardSteps);
    }

    [Fact]
    public void ATIS_that_is_written_is_read_back_past_its_23_bits()
    {
        var events = SlowRecordings.Events(2000, seed: 6, maxStep: 1 << 15);
        Assert.True(events[^1].Time > 3L << 23);
        Assert.Equal(events, AllFormats.Read(AllFormats.Written(EventWriter.Atis, events), "w.bin"));
    }

    [Fact]
    public void NPZ_that_is_written_is_read_back_whatever_the_events()
    {
        var random = new Random(7);
        CameraEvent[] events = [.. Enumerable.Range(0, 5000).Select(_ => new CameraEvent(
            random.NextInt64(-1L << 50, 1L << 50), (ushort)random.Next(65535), (ushort)random.Next(65535), random.Next(2) == 1))];
        using var reader = EventFile.Open(AllFormats.Written(EventWriter.Npz, events), "w.npz");
        Assert.Equal(events, reader.ReadToEnd());
        Assert.Equal(events.Zip(events.Skip(1)).Count(pair => pair.Second.Time < pair.First.Time), reader.Tally.BackwardSteps);
    }

    [Fact]
    public void AEDAT_31_keeps_the_overflows_of_its_31_bits()
    {
        var events = SlowRecordings.Events(500, seed: 8, maxStep: 1 << 26);
        Assert.True(events[^1].Time > 1L << 33);
        Assert.Equal(events, AllFormats.Read(SlowRecordings.Aedat31(events), "w.aedat"));
    }

    [Theory]
    [InlineData("evt2.raw", 1 << 28)]
    [InlineData("evt3.raw", 1 << 20)]
    public void Overflows_of_the_upper_time_bits_are_undone(string name, int maxStep)
    {
        var events = SlowRecordings.Events(400, seed: 9, maxStep);
        Assert.True(events[^1].Time > 1L << 26);
        Assert.Equal(events, AllFormats.Read(AllFormats.Bytes(name, events), name));
    }

    [Fact]
    public void A_writer_that_is_not_completed_leaves_nothing_and_keeps_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.npz", [1, 2, 3]);
        foreach (var create in new Func<string, IEventWriter>[] { EventWriter.Npz, EventWriter.Atis, path => EventWriter.Aedat2(path) })
        {
            using (var writer = create(path))
            {
                writer.Write(SlowRecordings.Events(10, seed: 1));
            }
            Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
            Assert.Single(Directory.GetFileSystemEntries(folder.Path));
        }
    }

    [Fact]
    public void A_writer_rejects_what_its_reader_would_not_give_back()
    {
        using var folder = new TemporaryFolder();
        Refused(path => EventWriter.Aedat2(path), [new(0, 128, 0, true)]);
        Refused(path => EventWriter.Aedat2(path), [new(-1, 0, 0, true)]);
        Refused(path => EventWriter.Aedat2(path), [new(1L << 32, 0, 0, true)]);
        Refused(path => EventWriter.Aedat2(path), [new(0, 0, 0, true), new(1L << 31, 0, 0, true)]);
        Refused(EventWriter.Atis, [new(0, 0, 240, true)]);
        Refused(EventWriter.Atis, [new(0, 256, 0, true)]);
        Refused(EventWriter.Atis, [new(1 << 24, 0, 0, true), new(0, 0, 0, true)]);

        void Refused(Func<string, IEventWriter> create, CameraEvent[] events)
        {
            using var writer = create(Path.Combine(folder.Path, "w"));
            Assert.Throws<ArgumentException>(() => writer.Write(events));
        }
    }
}
