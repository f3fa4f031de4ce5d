using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Recordings as rows of label, path, slice and sensor. A file is opened only when its sensor is asked for and nobody has said
/// it.</summary>
internal static class EventRecordingsDataView
{
    public static IDataView Create(IReadOnlyList<EventRecording> recordings) => new RowsDataView(
        recordings.Count,
        RowColumn.OfText(EventColumns.Label, row => recordings[row].Label),
        RowColumn.OfText(EventColumns.Path, row => recordings[row].Path),
        RowColumn.Of(EventColumns.Start, NumberDataViewType.Int64, (int row, ref long value) => value = recordings[row].Start),
        RowColumn.Of(EventColumns.End, NumberDataViewType.Int64, (int row, ref long value) => value = recordings[row].End),
        RowColumn.Of(EventColumns.SensorWidth, NumberDataViewType.Int32, (int row, ref int value) => value = Sensor(recordings[row]).Width),
        RowColumn.Of(EventColumns.SensorHeight, NumberDataViewType.Int32,
            (int row, ref int value) => value = Sensor(recordings[row]).Height));

    private static SensorSize Sensor(EventRecording recording)
    {
        if (recording.Sensor is { } known)
        {
            return known;
        }
        using var reader = EventFile.Open(recording.Path);
        return reader.Sensor ?? default;
    }
}
