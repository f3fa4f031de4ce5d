using System.Text;
using System.Text.Json;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

public sealed class GestureTests
{
    private const string Header = "class,startTime_usec,endTime_usec";

    [NeedsSharedFact("data/dvs128-objects-aedat31/reference.json")]
    public void The_windows_of_the_trials_hold_the_events_of_their_reference()
    {
        var folder = RepositoryRoot.Shared("data/dvs128-objects-aedat31");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        var (train, test) = (GestureTrials.Train(folder), GestureTrials.Test(folder));
        Assert.Equal((4, 2), (train.Count, test.Count));
        foreach (var trial in train.Concat(test))
        {
            var samples = json.RootElement.GetProperty(Path.GetFileName(trial.Path)).GetProperty("samples").EnumerateArray().ToArray();
            Assert.Equal(samples.Select(sample => sample.GetProperty("label").GetInt32()), trial.Windows.Select(window => window.Label));
            foreach (var (window, sample) in trial.Windows.Zip(samples))
            {
                using var reader = new EventWindowReader(EventFile.Open(trial.Path), window.Start, window.End);
                Assert.Equal("", EventDigest.Difference(reader, sample));
            }
        }
    }

    [Fact]
    public void Windows_may_overlap_and_a_class_may_recur()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("labels.csv", Encoding.UTF8.GetBytes($"{Header}\r\n8,10,30\r\n\r\n8,20,40\r\n11,5,6\r\n"));
        Assert.Equal([new(8, 10, 30), new(8, 20, 40), new(11, 5, 6)], GestureLabels.Read(path));
    }

    [Theory]
    [InlineData("label,start,end\n1,2,3\n", "line 1", "expected 'class")]
    [InlineData(Header + "\n12,2,3\n", "line 2", "1 to 11")]
    [InlineData(Header + "\n1,2,3\n0,2,3\n", "line 3", "1 to 11")]
    [InlineData(Header + "\n1,3,3\n", "line 2", "end after the start")]
    [InlineData(Header + "\n1,2\n", "line 2", "2 columns")]
    [InlineData(Header + "\n1,2,x\n", "line 2", "'x'")]
    [InlineData(Header + "\n", "line 1", "no gesture")]
    public void A_wrong_label_is_rejected_with_its_line(string text, string place, string expected)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<EventFormatException>(() => GestureLabels.Read(folder.Write("labels.csv", Encoding.UTF8.GetBytes(text))));
        Assert.Equal(place, error.Location);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Lists_take_both_ends_of_lines_and_name_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trials_to_train.txt", "user01_lab.aedat\r\n\r\nuser02_lab.aedat"u8.ToArray());
        folder.Write("user01_lab.aedat", []);
        folder.Write("user01_lab_labels.csv", Encoding.UTF8.GetBytes($"{Header}\n1,2,3"));
        folder.Write("user02_lab.aedat", []);
        Assert.Contains("user02_lab_labels.csv", Assert.Throws<FileNotFoundException>(() => GestureTrials.Train(folder.Path)).Message);
        folder.Write("user02_lab_labels.csv", Encoding.UTF8.GetBytes($"{Header}\n1,2,3\n2,3,4"));
        Assert.Equal([1, 2], GestureTrials.Train(folder.Path).Select(trial => trial.Windows.Count));
    }

    [Theory]
    [InlineData("../user01_lab.aedat\n", "line 1")]
    [InlineData("user01_lab.aedat\nuser01_lab.aedat\n", "line 2")]
    [InlineData("\n", "line 1")]
    public void A_list_that_leads_elsewhere_or_repeats_is_rejected(string text, string place)
    {
        using var folder = new TemporaryFolder();
        folder.Write("trials_to_test.txt", Encoding.UTF8.GetBytes(text));
        Assert.Equal(place, Assert.Throws<EventFormatException>(() => GestureTrials.Test(folder.Path)).Location);
    }
}
