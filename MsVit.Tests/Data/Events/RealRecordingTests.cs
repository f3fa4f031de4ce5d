using System.Text.Json;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

public sealed class RealRecordingTests
{
    [NeedsSharedTheory("data/event-formats/reference.json")]
    [InlineData("gen3_evt2.raw", EventFormat.Evt2, null)]
    [InlineData("gen41_evt3.raw", EventFormat.Evt3, null)]
    [InlineData("ncars_a.dat", EventFormat.Dat, null)]
    [InlineData("dvxplorer.aedat4", EventFormat.Aedat4, "320 x 240")]
    public void A_recording_gives_the_events_of_its_reference(string file, EventFormat format, string? sensor)
    {
        using var reader = EventFile.Open(RepositoryRoot.Shared("data/event-formats", file));
        Assert.Equal(format, reader.Format);
        Assert.Equal(sensor, reader.Sensor?.ToString());
        Assert.Equal("", EventDigest.Difference(reader, Reference("event-formats").GetProperty(file)));
        Assert.Equal(0, reader.Tally.BackwardSteps);
    }

    [NeedsSharedFact("data/event-formats/reference.json")]
    public void A_DAVIS_recording_with_frames_gives_its_events_alone()
    {
        const string File = "davis240c_with_frames_and_imu.aedat";
        using var reader = EventFile.Open(RepositoryRoot.Shared("data/event-formats", File), new() { Axes = AedatAxes.Raw });
        var reference = Reference("event-formats").GetProperty(File);
        Assert.Equal(new SensorSize(240, 180), reader.Sensor);
        Assert.Equal("", EventDigest.Difference(reader, reference.GetProperty("raw_x_y_p")));
        Assert.Equal(reference.GetProperty("not_dvs").GetInt64(), reader.Tally.Skipped);
    }

    [NeedsSharedFact("data/event-formats/aedat2_header_only.aedat")]
    public void A_header_without_events_gives_none()
    {
        using var reader = EventFile.Open(RepositoryRoot.Shared("data/event-formats/aedat2_header_only.aedat"));
        Assert.Equal(EventFormat.Aedat2, reader.Format);
        Assert.Empty(reader.ReadToEnd());
    }

    [NeedsSharedTheory("data/dvs128-objects/reference.json")]
    [InlineData("upright", AedatAxes.Upright)]
    [InlineData("cifar10dvs", AedatAxes.Cifar10Dvs)]
    public void DVS128_recordings_give_the_events_of_their_reference_in_both_conventions(string convention, AedatAxes axes)
    {
        foreach (var file in Reference("dvs128-objects").EnumerateObject())
        {
            using var reader = EventFile.Open(RepositoryRoot.Shared("data/dvs128-objects", file.Name), new() { Axes = axes });
            Assert.Equal("", EventDigest.Difference(reader, file.Value.GetProperty(convention)));
            Assert.Equal(0, reader.Tally.ClockOverflows + reader.Tally.BackwardSteps + reader.Tally.Skipped);
        }
    }

    [NeedsSharedFact("data/dvs128-objects-aedat31/reference.json")]
    public void AEDAT_31_recordings_give_the_events_of_their_reference()
    {
        foreach (var file in Reference("dvs128-objects-aedat31").EnumerateObject())
        {
            using var reader = EventFile.Open(RepositoryRoot.Shared("data/dvs128-objects-aedat31", file.Name));
            Assert.Equal((EventFormat.Aedat31, new SensorSize(128, 128)), (reader.Format, reader.Sensor));
            Assert.Equal("", EventDigest.Difference(reader, file.Value.GetProperty("all")));
        }
    }

    [NeedsSharedFact("data/nmnist/reference.json")]
    public void The_NMNIST_recordings_give_the_events_of_their_reference()
    {
        var root = RepositoryRoot.Shared("data/nmnist");
        var reference = Reference("nmnist");
        using var all = new EventDigest();
        foreach (var path in Directory.EnumerateFiles(root, "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var reader = EventFile.Open(path, new() { Sensor = new(34, 34) });
            all.Add(reader);
        }
        Assert.Equal("", all.Difference(reference.GetProperty("all_files_in_path_order")));
        foreach (var example in Examples("Train").Concat(Examples("Test")))
        {
            using var reader = EventFile.Open(Path.Combine(root, example.Name));
            Assert.Equal("", EventDigest.Difference(reader, example.Value));
        }

        IEnumerable<JsonProperty> Examples(string set) => reference.GetProperty(set).GetProperty("examples").EnumerateObject();
    }

    private static JsonElement Reference(string folder)
    {
        using var file = File.OpenRead(RepositoryRoot.Shared("data", folder, "reference.json"));
        return JsonDocument.Parse(file).RootElement.Clone();
    }
}
