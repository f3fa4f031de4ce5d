using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Recordings as rows of label, path, slice and sensor. A file is opened only when its sensor is asked for and nobody has said
/// it.</summary>
internal static class EventRecordingsDataView
{
    public static IDataView Create(IReadOnlyList<EventRecording> recordings)
    {
        var sensors = new StatedSensors(recordings);
        return new RowsDataView(
            recordings.Count,
            RowColumn.OfText(EventColumns.Label, row => recordings[row].Label),
            RowColumn.OfText(EventColumns.Path, row => recordings[row].Path),
            RowColumn.Of(EventColumns.Start, NumberDataViewType.Int64, (int row, ref long value) => value = recordings[row].Start),
            RowColumn.Of(EventColumns.End, NumberDataViewType.Int64, (int row, ref long value) => value = recordings[row].End),
            RowColumn.Of(EventColumns.SensorWidth, NumberDataViewType.Int32, (int row, ref int value) => value = sensors.Of(row).Width),
            RowColumn.Of(EventColumns.SensorHeight, NumberDataViewType.Int32, (int row, ref int value) => value = sensors.Of(row).Height));
    }
}

/// <summary>The sensors that files state. Width and height of a row are two columns, so the last file is remembered.</summary>
internal sealed class StatedSensors(IReadOnlyList<EventRecording> recordings)
{
    private sealed record Found(string Path, SensorSize Sensor);

    // Replaced as a whole, because several cursors may ask at once.
    private volatile Found? _last;

    /// <summary>The sensor of a row; 0 x 0 if it is unknown.</summary>
    public SensorSize Of(int row)
    {
        var recording = recordings[row];
        if (recording.Sensor is { } known)
        {
            return known;
        }
        if (_last is { } last && last.Path == recording.Path)
        {
            return last.Sensor;
        }
        var found = new Found(recording.Path, StatedSensor.Of(recording.Path) ?? default);
        _last = found;
        return found.Sensor;
    }
}
