using System.Text;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Datasets;

public sealed class Dvs128GestureTests : IDisposable
{
    private static readonly GestureCounts Expected = new(TrainTrials: 2, TestTrials: 1, TrainGestures: 4, TestGestures: 2);

    private readonly TemporaryFolder _folder = new();

    public Dvs128GestureTests()
    {
        Write("trials_to_train.txt", "user01_lab.aedat\r\nuser02_lab.aedat\r\n\r\n");
        Write("trials_to_test.txt", "user24_led.aedat\n");
        foreach (var trial in new[] { "user01_lab", "user02_lab", "user24_led" })
        {
            Write($"{trial}.aedat", "x");
            Write($"{trial}_labels.csv", "class,startTime_usec,endTime_usec\n1,100,200\n11,150,300\n");
        }
    }

    [Fact]
    public void Gestures_become_slices_of_their_trials_by_the_official_lists()
    {
        var set = Dvs128Gesture.Prepare(_folder.Path, Expected);
        Assert.Equal(4, set.Train.Count);
        var last = set.Test[^1];
        Assert.Equal(("other gestures", 150L, 300L), (last.Label, last.Start, last.End));
        Assert.EndsWith("user24_led.aedat", last.Path, StringComparison.Ordinal);
        Assert.Equal([("hand clapping", 2, 1), ("other gestures", 2, 1)],
            set.ClassCounts.Select(count => (count.Label, count.Train, count.Test)));
    }

    [Fact]
    public void Missing_files_and_wrong_counts_are_listed_with_the_download_page()
    {
        var counts = Assert.Throws<InvalidDataException>(() => Dvs128Gesture.Prepare(_folder.Path));
        Assert.Contains("there are 2 training trials, expected 98", counts.Message, StringComparison.Ordinal);
        Assert.Contains("there are 2 test gestures, expected 288", counts.Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(_folder.Path, "user02_lab_labels.csv"));
        File.Delete(Path.Combine(_folder.Path, "trials_to_test.txt"));
        var missing = Assert.Throws<InvalidDataException>(() => Dvs128Gesture.Prepare(_folder.Path, Expected));
        Assert.Contains("user02_lab_labels.csv", missing.Message, StringComparison.Ordinal);
        Assert.Contains("trials_to_test.txt is missing", missing.Message, StringComparison.Ordinal);
        Assert.Contains(Dvs128Gesture.Source, missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_in_both_lists_is_rejected()
    {
        Write("trials_to_test.txt", "user02_lab.aedat");
        var e = Assert.Throws<InvalidDataException>(() => Dvs128Gesture.Prepare(_folder.Path, Expected));
        Assert.Contains("also in the training list", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text) => _folder.Write(name, Encoding.ASCII.GetBytes(text));
}
