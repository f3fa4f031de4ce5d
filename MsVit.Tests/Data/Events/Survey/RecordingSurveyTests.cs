using System.Text;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Survey;

/// <summary>A data set is asked once for the sensor and the units of its files.</summary>
public sealed class RecordingSurveyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sensor_that_no_file_states_is_what_all_events_need()
    {
        var survey = Of(Text(400), Text(300));
        Assert.Equal((new SensorSize(34, 30), EventFactSource.Measured), (survey.Sensor, survey.SensorSource));
        Assert.All(survey.Recordings, recording => Assert.Equal(new SensorSize(34, 30), recording.Sensor));
        Assert.Empty(survey.Warnings);
        Assert.Equal("text, columns t,x,y,p (stated), times in microseconds (assumed)", Assert.Single(survey.Kinds).Description);
    }

    [Theory]
    [InlineData("5,65530,3,1\n", "65531 x 30")]
    [InlineData("5,3,4000,1\n", "34 x 4001")]
    [InlineData("5,300,3,1\n", "301 x 30")]
    [InlineData("5,65530,65530,1\n6,65530,65530,1\n", "65531 x 65531")]
    [InlineData("5,60,3,1\n6,60,3,1\n7,60,3,1\n8,60,3,1\n", "61 x 30")]
    public void A_handful_of_events_that_decides_the_sensor_is_a_warning_with_the_size_of_the_rest(string stray, string size)
    {
        var survey = Of(Text(400) + stray, Text(400));
        Assert.Equal(size, survey.Sensor.ToString());
        var warning = Assert.Single(survey.Warnings).ToString();
        Assert.Contains(
            $"{stray.Count(c => c == '\n')} of {800 + stray.Count(c => c == '\n')} events; the rest needs only 34 x 30", warning,
            StringComparison.Ordinal);
        Assert.EndsWith("set Sensor to 34 x 30 and OutOfRange to Drop.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handful_in_a_million_events_is_a_warning_too()
    {
        var many = new StringBuilder("t,x,y,p\n");
        for (var i = 0; i < 200_000; i++)
        {
            many.Append(i).Append(',').Append(i % 34).Append(',').Append(i % 30).Append(",1\n");
        }
        for (var i = 0; i < 20; i++)
        {
            many.Append(200_000 + i).Append(",100,3,1\n");
        }
        Assert.Contains("34 x 30", Assert.Single(Of(many.ToString()).Warnings).Problem, StringComparison.Ordinal);
        for (var i = 0; i < 200; i++)
        {
            many.Append(300_000 + i).Append(",100,3,1\n");
        }
        Assert.Empty(Of(many.ToString()).Warnings);
    }

    [Fact]
    public void A_sensor_that_no_camera_has_is_a_warning()
    {
        var wide = "t,x,y,p\n" + string.Concat(Enumerable.Range(0, 400).Select(i => $"{i * 100},{i * 37 % 9000},{i % 30},1\n"));
        Assert.Contains("which no known event camera has", Assert.Single(Of(wide).Warnings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stated_or_given_sensor_is_taken_without_reading_the_events()
    {
        var stated = AllFormats.Bytes("a.dat", SlowRecordings.Events(50, seed: 1))[..^3];
        var path = _folder.Write("a.dat", stated);
        var survey = RecordingSurvey.Of([new(path, "a"), new(path, "b") { Start = 5 }], new());
        Assert.Equal((new SensorSize(128, 128), EventFactSource.Stated), (survey.Sensor, survey.SensorSource));
        Assert.Empty(survey.Unreadable);
        survey = RecordingSurvey.Of([new(path, "a")], new() { Sensor = new(40, 40) });
        Assert.Equal((new SensorSize(40, 40), EventFactSource.Given), (survey.Sensor, survey.SensorSource));
    }

    [Fact]
    public void Different_stated_sensors_stay_with_their_recordings()
    {
        var survey = Of("34 34\n1 2 3 1\n", "128 128\n1 2 3 1\n");
        Assert.Null(survey.Sensor);
        Assert.Equal(["34 x 34", "128 x 128"], survey.Recordings.Select(recording => recording.Sensor.ToString()));
    }

    [Fact]
    public void A_stated_sensor_holds_for_files_that_state_none_if_their_events_fit()
    {
        Assert.Equal((new SensorSize(64, 64), EventFactSource.Stated), Known(Of("64 64\n1 2 3 1\n", Text(100))));
        Assert.Equal((new SensorSize(34, 30), EventFactSource.Measured), Known(Of("20 20\n1 2 3 1\n", Text(100))));

        static (SensorSize?, EventFactSource) Known(RecordingSurvey survey) => (survey.Sensor, survey.SensorSource);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_and_the_others_are_read()
    {
        var survey = Of(Text(100), "t,x,y,p\nnonsense\n", "", Text(100));
        Assert.Equal(2, survey.Unreadable.Count);
        Assert.Contains("1.csv", survey.Unreadable[0].Path, StringComparison.Ordinal);
        Assert.Contains("empty", survey.Unreadable[1].Reason.Message, StringComparison.Ordinal);
        Assert.Equal(new SensorSize(34, 30), survey.Sensor);
    }

    [Fact]
    public void Units_that_differ_are_a_warning()
    {
        var seconds = "t,x,y,p\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"0.{i:000000},{i % 34},{i % 30},1\n"));
        var warning = Assert.Single(Of(Text(100), Text(100), seconds).Warnings);
        Assert.Contains(
            "microseconds in 2 recordings, but like seconds in 1: ", warning.Problem, StringComparison.Ordinal);
        Assert.Contains("2.csv", warning.Problem, StringComparison.Ordinal);
        Assert.Empty(RecordingSurvey.Of(Files(seconds, seconds), new()).Warnings);
    }

    private static string Text(int count) =>
        "t,x,y,p\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"{i * 700},{i % 34},{i % 30},{i % 2}\n"));

    private RecordingSurvey Of(params string[] texts) => RecordingSurvey.Of(Files(texts), new());

    private EventRecording[] Files(params string[] texts) =>
        [.. texts.Select((text, i) => new EventRecording(_folder.Write($"{i}.csv", Encoding.ASCII.GetBytes(text)), "a"))];
}
