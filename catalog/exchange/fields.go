package exchange

import (
	"regexp"
	"strings"
)

// Field is what a column means to Cheval. A column without one is kept as it
// stands.
type Field string

const (
	None         Field = ""
	Handle       Field = "handle" // groups the rows of a product
	Title        Field = "title"
	TitleEN      Field = "title_en"
	TitleZH      Field = "title_zh"
	Text         Field = "text" // may be HTML
	TextEN       Field = "text_en"
	TextZH       Field = "text_zh"
	Brand        Field = "brand"
	Category     Field = "category"
	Taxonomy     Field = "taxonomy" // "Apparel & Accessories > … > Sunglasses"
	Tags         Field = "tags"     // separated by commas
	Option1Name  Field = "option1_name"
	Option1Value Field = "option1_value"
	Option2Name  Field = "option2_name"
	Option2Value Field = "option2_value"
	Option3Name  Field = "option3_name"
	Option3Value Field = "option3_value"
	Colour       Field = "colour"
	Size         Field = "size" // may be the trade's notation
	SKU          Field = "sku"
	Barcode      Field = "barcode"
	Price        Field = "price"
	SalePrice    Field = "sale_price" // below Price, which it crosses out
	Compare      Field = "compare"    // the price before, crossed out
	Currency     Field = "currency"
	Stock        Field = "stock"
	Availability Field = "availability" // "in stock", "out of stock"
	Image        Field = "image"        // an address or a file name, or several
	MoreImages   Field = "more_images"
	ImagePlace   Field = "image_position"
	ImageAlt     Field = "image_alt"
	VariantImage Field = "variant_image"
	KindOf       Field = "kind" // sun or optical
	Shape        Field = "shape"
	Material     Field = "material"
	LensWidth    Field = "lens_width" // millimetres
	LensHeight   Field = "lens_height"
	Bridge       Field = "bridge"
	Temple       Field = "temple"
	FrontWidth   Field = "front_width"
)

// Fields returns every field that a column can be mapped to, in the order of a
// list to choose from.
func Fields() []Field {
	return []Field{
		Handle, SKU, Title, TitleEN, TitleZH, Text, TextEN, TextZH, Brand, Category, Taxonomy, Tags,
		Price, SalePrice, Compare, Currency, Stock, Availability, Barcode, Colour, Size,
		Image, MoreImages, ImagePlace, ImageAlt, VariantImage, KindOf, Shape, Material,
		LensWidth, LensHeight, Bridge, Temple, FrontWidth,
		Option1Name, Option1Value, Option2Name, Option2Value, Option3Name, Option3Value,
	}
}

// shopifyNames are the headers of Shopify's product CSV, older and newer
// names of the same column.
var shopifyNames = map[string]Field{
	"handle": Handle, "url handle": Handle,
	"title":       Title,
	"body (html)": Text, "body html": Text, "body": Text, "description": Text,
	"vendor": Brand,
	"type":   Category, "product type": Category, "custom product type": Category,
	"product category": Taxonomy, "standardized product type": Taxonomy, "standard product type": Taxonomy,
	"tags":         Tags,
	"option1 name": Option1Name, "option1 value": Option1Value,
	"option2 name": Option2Name, "option2 value": Option2Value,
	"option3 name": Option3Name, "option3 value": Option3Value,
	"variant sku": SKU, "sku": SKU,
	"variant barcode": Barcode, "variant barcodes": Barcode, "barcode": Barcode, "barcodes": Barcode,
	"variant price": Price, "price": Price,
	"variant compare at price": Compare, "compare at price": Compare, "compare-at price": Compare,
	"variant inventory qty": Stock, "variant inventory quantity": Stock, "inventory quantity": Stock,
	"image src": Image, "product image url": Image,
	"image position": ImagePlace,
	"image alt text": ImageAlt,
	"variant image":  VariantImage, "variant image url": VariantImage,
}

// feedNames are the attributes of Google's product feed.
var feedNames = map[string]Field{
	"id": SKU, "item_group_id": Handle, "title": Title, "structured_title": None,
	"description": Text, "brand": Brand, "product_type": Category,
	"google_product_category": Taxonomy, "gtin": Barcode, "color": Colour, "colour": Colour,
	"size": Size, "material": Material, "price": Price, "sale_price": SalePrice,
	"availability": Availability, "quantity": Stock, "sell_on_google_quantity": Stock,
	"image_link": Image, "additional_image_link": MoreImages,
}

// tableNames are what people write over a column, normalised.
var tableNames = names(map[Field]string{
	Handle:       "handle|url handle|item group id|group|group id|parent|parent sku|parent id|style|style no|style number|style code|product id|spu|款号|款式编号|商品编号|产品编号|商品编码|货号组|父sku",
	SKU:          "sku|sku id|sku code|variant sku|item|item no|item number|item code|article|article no|article number|art nr|artikelnummer|art no|code|product code|ref|reference|id|商品sku|货号|编号|编码|型号|规格编码",
	Title:        "title|name|product|product name|product title|item name|description short|model|model name|bezeichnung|titel|名称|商品名称|产品名称|品名|标题|商品标题|名字",
	TitleEN:      "title en|name en|english name|title (en)|name (en)|英文名|英文名称|英文标题",
	TitleZH:      "title zh|name zh|chinese name|title (zh)|name (zh)|title cn|name cn|中文名|中文名称|中文标题",
	Text:         "text|description|body|body (html)|details|long description|product description|beschreibung|描述|商品描述|产品描述|详情|简介|说明|介绍",
	TextEN:       "text en|description en|text (en)|description (en)|英文描述|英文介绍",
	TextZH:       "text zh|description zh|text (zh)|description (zh)|中文描述|中文介绍",
	Brand:        "brand|vendor|manufacturer|maker|label|marke|hersteller|品牌|厂商|供应商|制造商",
	Category:     "category|type|product type|product category|kategorie|类别|分类|类目|品类|种类|商品分类|产品类型",
	Taxonomy:     "google product category|taxonomy|standardized product type",
	Tags:         "tags|keywords|labels|schlagworte|标签|关键词|关键字",
	Price:        "price|retail price|rrp|msrp|unit price|selling price|our price|variant price|preis|vk|prix|价格|售价|零售价|单价|现价|销售价|价钱",
	SalePrice:    "sale price|special price|discount price|促销价|特价|活动价",
	Compare:      "compare at price|compare-at price|compare price|list price|original price|regular price|was|uvp|原价|市场价|吊牌价|划线价",
	Currency:     "currency|currency code|währung|币种|货币|币别",
	Stock:        "stock|qty|quantity|inventory|inventory quantity|on hand|in stock|available|bestand|menge|lager|库存|数量|库存数量|存货|现货数量|件数",
	Availability: "availability|stock status|是否有货|库存状态",
	Barcode:      "barcode|ean|ean13|gtin|upc|ean code|条码|条形码|商品条码|国际条码",
	Colour:       "colour|color|colour name|color name|frame colour|frame color|farbe|couleur|颜色|色号|镜框颜色|颜色分类",
	Size:         "size|frame size|dimensions|eye size|größe|grösse|taille|尺寸|规格|尺码|镜框尺寸|大小",
	Image:        "image|images|picture|pictures|photo|photos|image url|image src|image link|image file|file|filename|file name|picture file|main image|bild|图片|主图|照片|图片文件|图片名称|图片链接|图片地址|文件名|图",
	MoreImages:   "more images|additional images|additional image link|other images|gallery|更多图片|附图|副图|其他图片",
	ImageAlt:     "alt|alt text|image alt text|图片说明",
	KindOf:       "kind|use|sun or optical|用途",
	Shape:        "shape|frame shape|lens shape|form|形状|框型|镜框形状|款式|脸型款式|版型",
	Material:     "material|frame material|front material|werkstoff|材质|材料|镜框材质|框架材质",
	LensWidth:    "lens width|eye|eye width|lens|a|a box|glasbreite|scheibenbreite|镜片宽度|镜片宽|镜宽|单片镜宽|镜圈",
	LensHeight:   "lens height|b|b box|glashöhe|scheibenhöhe|镜片高度|镜片高|镜高|镜框高度",
	Bridge:       "bridge|bridge width|dbl|nose|nose bridge|steg|stegbreite|鼻梁|鼻梁宽|鼻梁宽度|中梁|鼻中梁|鼻桥",
	Temple:       "temple|temple length|temples|arm|arm length|bügel|bügellänge|镜腿|镜腿长|镜腿长度|脚长|腿长|镜脚长",
	FrontWidth:   "front width|total width|frame width|overall width|width|gesamtbreite|fassungsbreite|总宽|框宽|镜框宽|镜框总宽|镜架总宽|镜面宽|全宽",
	Option1Name:  "option1 name", Option1Value: "option1 value",
	Option2Name: "option2 name", Option2Value: "option2 value",
	Option3Name: "option3 name", Option3Value: "option3 value",
})

func names(by map[Field]string) map[string]Field {
	out := map[string]Field{}
	for field, list := range by {
		for name := range strings.SplitSeq(list, "|") {
			out[name] = field
		}
	}
	return out
}

var (
	metafieldForm = regexp.MustCompile(`\((?:product|variant)\.metafields\.[^.)]+\.([^.)]+)\)\s*$`)
	unitForm      = regexp.MustCompile(`\s*[(\[\x{ff08}]?\s*(?:mm|毫米|millimet(?:er|re)s?)\s*[)\]\x{ff09}]?$`)
)

// plain makes a header comparable: lower case, single spaces, without marks,
// units and the namespace of Google's feed.
func plain(header string) string {
	h := strings.ToLower(strings.Trim(header, "\ufeff \t\r\n*:\uff1a#"))
	h = strings.TrimPrefix(h, "g:")
	return strings.Join(strings.Fields(h), " ")
}

var wordGaps = strings.NewReplacer("_", " ", ".", " ")

// words is plain without a unit, and with spaces for the signs between words.
func words(header string) string {
	h := unitForm.ReplaceAllString(plain(header), "")
	h = wordGaps.Replace(h)
	return strings.Join(strings.Fields(h), " ")
}

// fieldOf is what a header means in a format; None where it is not known.
func fieldOf(header string, f Format) Field {
	switch f {
	case Shopify:
		if field, ok := shopifyNames[plain(header)]; ok {
			return field
		}
		// Shops keep a frame's measures in metafields of their own.
		if m := metafieldForm.FindStringSubmatch(plain(header)); m != nil {
			switch field := tableNames[words(strings.ReplaceAll(m[1], "-", " "))]; field {
			case LensWidth, LensHeight, Bridge, Temple, FrontWidth, Shape, Material, Size:
				return field
			}
		}
		return None
	case Feed:
		return feedNames[strings.ReplaceAll(plain(header), " ", "_")]
	}
	return tableNames[words(header)]
}
