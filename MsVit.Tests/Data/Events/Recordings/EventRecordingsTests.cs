using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Recordings;

public sealed class EventRecordingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_folder_has_one_class_per_subfolder_in_ordinal_order()
    {
        _folder.Write("b/2.bin", [1]);
        _folder.Write("b/10.bin", [1]);
        _folder.Write("C/1.npz", [1]);
        _folder.Write("C/readme.md", [1]);
        _folder.Write("b/.hidden.bin", [1]);
        _folder.Write("b/deeper/3.bin", [1]);
        Assert.Equal([("C", "1.npz"), ("b", "10.bin"), ("b", "2.bin")],
            EventRecordings.List(_folder.Path).Select(r => (r.Label, Path.GetFileName(r.Path))));
        Assert.Equal(4, EventRecordings.List(_folder.Path, recurse: true).Count);
    }

    [Fact]
    public void A_class_without_recordings_and_a_single_class_are_rejected()
    {
        _folder.Write("a/1.bin", [1]);
        Assert.Contains("at least 2", Assert.Throws<InvalidDataException>(() => EventRecordings.List(_folder.Path)).Message,
            StringComparison.Ordinal);
        _folder.Write("b/1.md", [1]);
        Assert.Contains("holds no recordings", Assert.Throws<InvalidDataException>(() => EventRecordings.List(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => EventRecordings.List(Path.Combine(_folder.Path, "c")));
    }

    [Fact]
    public void A_list_gives_paths_relative_to_itself_labels_and_slices()
    {
        _folder.Write("a, b.bin", [1]);
        _folder.Write("in/c.bin", [1]);
        var list = List("path,label,start,end\r\n\"a, b.bin\",\"the \"\"first\"\"\",10,20\r\n\r\nin/c.bin,second,,-5\n");
        EventRecording[] expected =
        [
            new(Path.Combine(_folder.Path, "a, b.bin"), "the \"first\"") { Start = 10, End = 20, Sensor = new(3, 4) },
            new(Path.Combine(_folder.Path, "in", "c.bin"), "second") { End = -5, Sensor = new(3, 4) },
        ];
        Assert.Equal(expected, EventRecordings.List(list, new(3, 4)));
    }

    [Theory]
    [InlineData("name,kind\na.bin,x", "line 1", "expected 'path,label'")]
    [InlineData("path,label\na.bin", "line 2", "1 columns")]
    [InlineData("path,label,start,end\na.bin,x,1,one", "line 2", "'one'")]
    [InlineData("path,label,start,end\na.bin,x,5,5", "line 2", "end must be after")]
    [InlineData("path,label\n,x", "line 2", "empty")]
    [InlineData("path,label\n", "line 1", "no recording")]
    public void A_malformed_list_is_rejected_with_its_line(string text, string line, string reason)
    {
        _folder.Write("a.bin", [1]);
        var e = Assert.Throws<EventFormatException>(() => EventRecordings.List(List(text)));
        Assert.Equal(line, e.Location);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_names_absent_files_is_rejected_with_their_names() =>
        Assert.Contains("absent.bin", Assert.Throws<FileNotFoundException>(
            () => EventRecordings.List(List("path,label\nabsent.bin,x"))).Message, StringComparison.Ordinal);

    [NeedsSharedFact("data/dvs128-objects-aedat31")]
    public void A_list_of_gesture_trials_gives_their_slices_as_rows()
    {
        var data = new MLContext().Data.LoadEventRecordings(RepositoryRoot.Shared("data", "dvs128-objects-aedat31", "trials_to_train.txt"));
        Assert.Equal(32, data.GetRowCount());
        Assert.All(data.GetColumn<long>("Start").Zip(data.GetColumn<long>("End")),
            slice => Assert.Equal(1_000_000, slice.Second - slice.First));
        Assert.All(data.GetColumn<int>("SensorWidth"), width => Assert.Equal(128, width));
        Assert.Equal(4, data.GetColumn<string>("Path").Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();

    private string List(string text) => _folder.Write("list.csv", Encoding.UTF8.GetBytes(text));
}
