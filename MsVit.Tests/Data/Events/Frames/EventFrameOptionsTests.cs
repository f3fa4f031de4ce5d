using System.Text.Json;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

public sealed class EventFrameOptionsTests
{
    /// <summary>A pipeline that is saved holds its options as JSON.</summary>
    [Fact]
    public void Options_survive_json()
    {
        EventFrameOptions[] all =
        [
            new(),
            new() { TimeSteps = 0, Split = EventSplit.Window, Window = 123, MergePolarity = true, MaxCount = 7 },
            new() { Area = new() { Sensor = new(640, 480), Crop = new(1, 2, 300, 200), Size = new(30, 20) } },
        ];
        Assert.All(all, options => Assert.Equal(options, JsonSerializer.Deserialize<EventFrameOptions>(JsonSerializer.Serialize(options))));
    }

    [Fact]
    public void The_size_of_a_frame_is_that_of_the_cells_or_the_box_or_the_sensor()
    {
        var area = new EventArea { Sensor = new(640, 480) };
        Assert.Equal(new(640, 480), area.FrameSize());
        Assert.Equal(new(640, 480), area.FrameSize(new(34, 34))); // what the options say goes before the recording
        Assert.Equal(new(34, 34), new EventArea().FrameSize(new(34, 34)));
        Assert.Equal(new(300, 200), (area with { Crop = new(0, 0, 300, 200) }).FrameSize());
        Assert.Equal(new(30, 20), (area with { Crop = new(0, 0, 300, 200), Size = new(30, 20) }).FrameSize());
    }
}
