using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.MLNet;

/// <summary>The first samples of a set of drawn figures as rows of label and image; an image is drawn when it is asked for.</summary>
internal static class ShapeImagesDataView
{
    public static IDataView Create(ShapeImages images, int count) => new RowsDataView(
        count,
        RowColumn.OfText(ImageColumns.Label, row => ShapeImages.ClassNames[ShapeImages.Label(row)]),
        RowColumn.Of(ImageColumns.Image, new ImageDataViewType(images.Size, images.Size), (int row, ref MLImage value) =>
        {
            var planar = new byte[3 * images.Size * images.Size];
            images.Draw(row, planar);
            value?.Dispose();
            value = MLImagePixels.FromPlanar(planar, images.Size, images.Size);
        }));
}
